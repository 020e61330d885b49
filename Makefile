# Nectar's commands, for people and for CI alike: `make help` lists them.
#
# Each works from a fresh clone, asks nothing, and installs what is missing by apt-get (with sudo when not root);
# where everything is there already, the check takes an instant.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run run-developers run-wiki test test-specs test-mariadb test-all test-races bench bench-bson bench-documents bench-bson-count \
	bench-driver go-peer bench-sql bench-web fuzz-bson fuzz-multipart lint format swift libraries libraries-bench libraries-sql server-sql tools

PORT ?= 8080
HOST ?= 127.0.0.1
SOURCES := Package.swift $(wildcard Sources Tests Examples Benchmarks Fuzz)

# What the engine links. Each is `pkg-config name:Debian package`.
LIBRARIES := sqlite3:libsqlite3-dev libpcre2-8:libpcre2-dev
# What the benchmarks compare with, beside that.
PEERS := libbson-1.0:libbson-dev libmongoc-1.0:libmongoc-dev
GO_WORKSPACE := /usr/share/gocode
# What SQLTables links beside that, for MySQL and MariaDB (the package trait MariaDB).
SQL_LIBRARIES := libmariadb:libmariadb-dev
# How many inputs the fuzz targets try.
FUZZ ?= 10000
# How often bench-web measures each of its cells.
ROUNDS ?= 1
# How many tests run at a time. With all of them some 2,800 files are open, and Foundation's `Process` reads beyond its buffer
# where it lists more than 1,365 of them for a child: tests that start programs crashed.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 24
# The oldest PyMongo the client tests accept.
PYMONGO := 4.20

# Installs the Debian packages in the shell variable `missing`; takes new package lists only where the old do not do.
define install_missing
if [ -n "$${missing:-}" ]; then \
    if ! command -v apt-get >/dev/null; then \
        echo "error: this needs$$missing (names of Debian's packages). Install them with this system's package manager." >&2; \
        exit 1; \
    fi; \
    as_root=(env DEBIAN_FRONTEND=noninteractive); \
    if [ "$$(id -u)" -ne 0 ]; then \
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then \
            echo "error: this needs$$missing, and root to install them. Run: sudo apt-get install$$missing" >&2; \
            exit 1; \
        fi; \
        as_root=(sudo -n "$${as_root[@]}"); \
    fi; \
    echo "Installing$$missing"; \
    install=("$${as_root[@]}" apt-get install -y -qq --no-install-recommends $$missing); \
    "$${install[@]}" >/dev/null 2>&1 || { "$${as_root[@]}" apt-get update -qq; "$${install[@]}"; }; \
fi
endef

help: ## This list
	@echo "Nectar: the MongoDB toolkit for server-side Swift"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: swift libraries ## Build the library example and serve it on http://HOST:PORT (127.0.0.1:8080; MONGO_URI chooses the database)
	@swift build -c release --product LibraryExample
	@export HOST='$(HOST)' PORT='$(PORT)'; \
	exec "$$(swift build -c release --show-bin-path)/LibraryExample"

run-wiki: swift libraries ## Build the wiki example and serve it on http://HOST:PORT
	@swift build -c release --product WikiExample
	@export HOST='$(HOST)' PORT='$(PORT)'; \
	exec "$$(swift build -c release --show-bin-path)/WikiExample"

# The example keeps both databases in memory, and forgets them; ARGS="--sql sqlite:developers.db --mongo embedded:logs.db" keeps them.
run-developers: libraries-sql ## Build the two-database example and serve it on http://HOST:PORT (8081); ARGS=--legacy, --sql URL, --mongo URI
	@swift build -c release --product DevelopersExample
	@exec "$$(swift build -c release --show-bin-path)/DevelopersExample" --host '$(HOST)' --port '$(if $(filter file,$(origin PORT)),8081,$(PORT))' $(ARGS)

test: libraries-sql tools fuzz-bson fuzz-multipart ## The checks and every test (NECTAR_SHARED: a folder with the public suites, ../shared by default)
	@.ci/check-imports --self-test
	@.ci/check-imports
	@swift build --build-tests
	@.ci/swift-test

test-mariadb: libraries-sql server-sql ## The tests on a MariaDB server of their own (NECTAR_LONG=1 runs them within the others)
	@swift build --build-tests
	@NECTAR_LONG=1 .ci/swift-test --filter MariaDB

test-specs: libraries-sql ## The public specifications' cases only, a line for each suite
	@swift build --build-tests
	@report=$$(mktemp); log=$$(mktemp); trap 'rm -f "$$report" "$$log"' EXIT; \
	NECTAR_SPEC_REPORT="$$report" swift test --skip-build --filter Spec >"$$log" 2>&1 && failed=0 || failed=$$?; \
	[ "$$failed" -eq 0 ] || cat "$$log"; \
	sort "$$report"; \
	exit "$$failed"

test-all: server-sql ## `make test` with the long tests, a million inputs for the fuzz targets, and test-races
	@NECTAR_LONG=1 $(MAKE) --no-print-directory test FUZZ=1000000
	@$(MAKE) --no-print-directory test-races

test-races: swift libraries ## 200 rounds of network faults under the thread sanitizer, in a build of their own
	@swift build --sanitize=thread -Xswiftc -DNECTAR_THREAD_SANITIZER --scratch-path .build-tsan --product FaultRounds
	@TSAN_OPTIONS=halt_on_error=0:exitcode=66 \
	    "$$(swift build --sanitize=thread --scratch-path .build-tsan --show-bin-path)/FaultRounds" 200

# $(call fuzz,name,module,target): compiles a module's sources with its target as one module, so that libFuzzer sees all of
# their branches, and runs it.
define fuzz
mkdir -p .build/fuzz/$(1)-corpus; \
if [ ! -x .build/fuzz/$(1) ] || [ -n "$$(find Sources/$(2) Fuzz/$(3)*.swift -name '*.swift' -newer .build/fuzz/$(1))" ]; then \
    swiftc -O -swift-version 6 -package-name nectar -module-name $(3) -parse-as-library \
        -sanitize=fuzzer,address -o .build/fuzz/$(1) $$(find Sources/$(2) Fuzz/$(3)*.swift -name '*.swift') \
        >.build/fuzz/$(1)-build.log 2>&1 || { cat .build/fuzz/$(1)-build.log; exit 1; }; \
fi; \
SWIFT_BACKTRACE=enable=no .build/fuzz/$(1) -runs=$(FUZZ) -seed=1 -max_len=4096 -timeout=5 -artifact_prefix=.build/fuzz/ \
    .build/fuzz/$(1)-corpus >.build/fuzz/$(1).log 2>&1 || { tail -n 60 .build/fuzz/$(1).log; exit 1; }; \
echo "fuzz-$(1): $(FUZZ) inputs, no fault"
endef

fuzz-bson: swift ## Feed FUZZ (10000) inputs to BSON's readers under the address sanitizer
	@$(call fuzz,bson,BSON,BSONFuzz)

fuzz-multipart: swift ## Feed FUZZ (10000) inputs to the parser of forms under the address sanitizer
	@$(call fuzz,multipart,MultipartForms,MultipartFuzz)

bench: swift libraries ## Run the benchmarks (release) and print their table
	@if [ ! -f Benchmarks/Package.swift ]; then \
	    echo "error: this checkout has no package in Benchmarks/" >&2; exit 1; \
	fi
	@swift build -c release --product nectar
	@NECTAR="$$(swift build -c release --show-bin-path)/nectar" swift run -c release --package-path Benchmarks NectarBenchmarks

bench-bson: libraries-bench tools ## Compare BSON with libbson, PyMongo and Foundation (release) and print the table
	@swift build -c release --package-path Benchmarks --product BSONBenchmarks
	@NECTAR_PYTHON=.venv/bin/python "$$(swift build -c release --package-path Benchmarks --show-bin-path)/BSONBenchmarks"

bench-documents: libraries-bench tools ## Compare @Document structs with libbson, PyMongo and Foundation (release) and print the table
	@swift build -c release --package-path Benchmarks --product DocumentsBenchmarks
	@NECTAR_PYTHON=.venv/bin/python "$$(swift build -c release --package-path Benchmarks --show-bin-path)/DocumentsBenchmarks"

bench-bson-count: libraries-bench ## Count BSON's instructions with callgrind into Benchmarks/instructions.md
	@for product in BSONBenchmarks DocumentsBenchmarks; do \
	    swift build -c release --package-path Benchmarks --product $$product; \
	done
	@folder="$$(swift build -c release --package-path Benchmarks --show-bin-path)"; \
	Benchmarks/count-instructions "$$folder/BSONBenchmarks" "$$folder/DocumentsBenchmarks"

bench-driver: libraries-bench tools go-peer ## Compare the client over loopback with libmongoc, the Go driver and PyMongo (release) and print the table
	@swift build -c release --product nectar
	@swift build -c release --package-path Benchmarks --product DriverBenchmarks
	@NECTAR="$$(swift build -c release --show-bin-path)/nectar" NECTAR_PYTHON=.venv/bin/python NECTAR_GO_PEER=Benchmarks/.build/go_peer \
	    "$$(swift build -c release --package-path Benchmarks --show-bin-path)/DriverBenchmarks"

# Debian has the Go driver as sources in a workspace of their own: nothing is fetched.
go-peer:
	@missing=""; \
	command -v go >/dev/null || missing+=" golang-go"; \
	[ -d $(GO_WORKSPACE)/src/go.mongodb.org/mongo-driver ] || missing+=" golang-mongodb-mongo-driver-dev"; \
	$(install_missing)
	@mkdir -p Benchmarks/.build
	@GO111MODULE=off GOPATH=$(GO_WORKSPACE) go build -o Benchmarks/.build/go_peer Benchmarks/Sources/DriverBenchmarks/go_peer.go

lint: swift ## Check the format and style of all Swift code
	@swift format lint --strict --parallel --recursive $(SOURCES)

format: swift ## Format all Swift code in place
	@swift format --in-place --parallel --recursive $(SOURCES)

swift:
	@if ! command -v swift >/dev/null; then \
	    echo "error: no 'swift' in PATH. Install Swift 6.3 or later (swift.org/install) and add its bin folder to PATH." >&2; \
	    exit 1; \
	fi

bench-sql: libraries-sql server-sql ## Compare SQLTables with SQLAlchemy Core on SQLite and MariaDB (release) and print the table
	@swift build -c release --package-path Benchmarks --product SQLBenchmarks
	@[ -x .venv/bin/python ] || python3 -m venv .venv
	@.venv/bin/python -c 'import sqlalchemy, pymysql' 2>/dev/null \
	    || .venv/bin/python -m pip install --quiet --disable-pip-version-check 'sqlalchemy>=2,<3' 'pymysql>=1.1,<2'
	@Benchmarks/bench-sql "$$(swift build -c release --package-path Benchmarks --show-bin-path)/SQLBenchmarks"

bench-web: swift libraries tools ## Compare a web application with one of Flask and PyMongo (release; wrk) and print the table; ROUNDS=3 for quieter numbers
	@missing=""; command -v wrk >/dev/null || missing+=" wrk"; $(install_missing)
	@swift build -c release --product nectar
	@swift build -c release --package-path Benchmarks --product WebBenchmark
	@.venv/bin/python -c 'import flask, gunicorn' 2>/dev/null \
	    || .venv/bin/python -m pip install --quiet --disable-pip-version-check 'flask>=3,<4' 'gunicorn>=23'
	@.venv/bin/python Benchmarks/bench-web "$$(swift build -c release --show-bin-path)/nectar" \
	    "$$(swift build -c release --package-path Benchmarks --show-bin-path)/WebBenchmark" --rounds $(ROUNDS)

libraries-bench: LIBRARIES += $(PEERS)
libraries-bench: swift libraries

libraries-sql: LIBRARIES += $(SQL_LIBRARIES)
libraries-sql: swift libraries

# Only the program is used, with a data directory of the tests' own; a service that its package may start is not touched.
server-sql:
	@missing=""; command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || missing+=" mariadb-server"; $(install_missing)

libraries:
	@missing=""; \
	for library in $(LIBRARIES); do \
	    pkg-config --exists "$${library%%:*}" 2>/dev/null \
	        || dpkg -s "$${library##*:}" 2>/dev/null | grep -q '^Status: install ok installed' \
	        || missing+=" $${library##*:}"; \
	done; \
	$(install_missing)

# strace shows the fsync before the reply; PyMongo is somebody else's client against our server;
# openssl makes the certificates for TLS.
tools:
	@missing=""; \
	command -v python3 >/dev/null || missing+=" python3"; \
	python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=" python3-venv"; \
	command -v openssl >/dev/null || missing+=" openssl"; \
	if [ "$$(uname)" = Linux ]; then command -v strace >/dev/null || missing+=" strace"; fi; \
	$(install_missing)
	@if ! .venv/bin/python -c 'import sys, pymongo; sys.exit(pymongo.version_tuple[:2] < tuple(map(int, "$(PYMONGO)".split("."))))' 2>/dev/null; then \
	    echo "Installing PyMongo into .venv"; \
	    python3 -m venv --clear .venv; \
	    .venv/bin/python -m pip install --quiet --disable-pip-version-check 'pymongo>=$(PYMONGO),<5'; \
	fi
