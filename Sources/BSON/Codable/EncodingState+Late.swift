/// Writing to a container while another one, opened later, is not finished.
///
/// Hardly any type does so; but `nestedContainer` and `superEncoder` allow it, and what is written must then go before bytes that
/// are there already. It is written at the end and moved to its place.
extension EncodingState {
    /// Makes a frame the top one, where only containers that nobody's `encode(to:)` writes are above it: they are closed, and
    /// remembered.
    func raise(_ serial: Int) -> Bool {
        guard let place = frames.lastIndex(where: { $0.serial == serial }),
            !frames[(place + 1)...].contains(where: \.isValue)
        else { return false }
        while frames.count > place + 1, let frame = frames.popLast() { closed.append(end(frame)) }
        topSerial = serial
        return true
    }

    /// Finds where the next element of a container goes that is not at the top.
    func enterLate(_ serial: Int) throws -> Place {
        if raise(serial) { return Place(index: frames[frames.count - 1].index) }
        guard let place = closed.lastIndex(where: { $0.serial == serial }), closed[place].kind != .single else {
            throw misuse(serial)
        }
        return Place(closed: place, index: closed[place].index)
    }

    /// Makes a closed container one of the kind asked for, where it is empty or has it already.
    func openLate(_ serial: Int, as kind: Kind) -> Bool {
        guard let place = closed.lastIndex(where: { $0.serial == serial }) else { return false }
        if closed[place].kind == .undecided {
            closed[place].kind = kind
            writer.setType(kind.type, at: closed[place].header)
        }
        return closed[place].kind == kind
    }

    /// Moves what was written from `mark` on to the end of a closed container.
    func completeLate(_ place: Place, from mark: Int) {
        guard closed.indices.contains(place.closed) else { return }
        let target = closed[place.closed].end - 1
        let size = writer.count - mark
        guard target <= mark, size > 0 else { return }
        writer.move(from: mark, to: target)
        closed[place.closed].index += 1

        func shifted(_ position: Int) -> Int {
            position >= mark ? position - (mark - target) : position >= target ? position + size : position
        }
        for index in closed.indices where closed[index].kind != .single {
            if closed[index].header >= target {
                closed[index].header = shifted(closed[index].header)
                closed[index].start = shifted(closed[index].start)
                closed[index].end = closed[index].start + writer.length(at: closed[index].start)
            } else if closed[index].end > target {
                // A container around the place, or the container itself.
                closed[index].end += size
                writer.growLength(at: closed[index].start, by: size)
            }
        }
        for index in frames.indices where frames[index].header >= target {
            frames[index].header = shifted(frames[index].header)
            frames[index].start = shifted(frames[index].start)
        }
    }

    /// Opens a container within another one, and gives its serial number; ``noSerial`` where it cannot be, and the encoder will say so.
    func nested(_ kind: Kind, _ serial: Int, _ name: String?) -> Int {
        do {
            let place = try enter(serial)
            let mark = writer.count
            guard frames.count <= CodingLimits.depth else {
                throw unfit(name ?? "", serial, name, "values are nested deeper than \(CodingLimits.depth) levels")
            }
            header(0, name, place)
            guard place.closed >= 0 else {
                frames[frames.count - 1].index += 1
                let inner = push(header: mark, isValue: false)
                if kind != .undecided { _ = open(inner, as: kind) }
                return inner
            }
            // The container around it is closed: the new one is so from the start.
            let outer = topSerial
            let inner = push(header: mark, isValue: false)
            if kind != .undecided { _ = open(inner, as: kind) }
            if let frame = frames.popLast() {
                var ended = end(frame)
                ended.kind = kind
                closed.append(ended)
            }
            topSerial = outer
            completeLate(place, from: mark)
            return inner
        } catch let error as EncodingError {
            fail(error, serial)
        } catch {
            fail(misuse(serial), serial)
        }
        return Self.noSerial
    }
}
