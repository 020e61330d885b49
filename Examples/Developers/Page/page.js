// All texts go into the page as text, never as markup.
"use strict";
const columns = ["first_name", "last_name", "expert"];
const pageSize = 20;
let offset = 0;

const byId = (id) => document.getElementById(id);

function tell(text, failed) {
  byId("message").textContent = text;
  byId("message").className = failed ? "failure" : "";
}

async function call(method, path, body) {
  const options = { method, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await (await fetch(path, options)).json();
  if (answer.status) return answer;
  const fields = Object.entries(answer.error.fields || {}).map(([name, text]) => `${name} ${text}`);
  throw new Error([answer.error.message, ...fields].join(" "));
}

function cell(row, content) {
  const td = row.insertCell();
  if (content instanceof Node) td.append(content);
  else td.textContent = content ?? "";
  return td;
}

function button(label, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", () => attempt(action));
  return made;
}

async function attempt(action) {
  try {
    await action();
    await showLogs();
  } catch (error) {
    tell(error.message, true);
  }
}

async function showDevelopers() {
  const answer = await call("GET", `/?limit=${pageSize}&offset=${offset}`);
  const body = byId("developers");
  body.replaceChildren();
  for (const developer of answer.data) {
    const row = body.insertRow();
    cell(row, developer.id);
    const inputs = columns.map((name) => {
      const input = document.createElement("input");
      input.value = developer[name] ?? "";
      input.setAttribute("aria-label", `${name} of ${developer.id}`);
      cell(row, input);
      return input;
    });
    const actions = cell(row, button("Save", async () => {
      await call("PATCH", `/${developer.id}`, Object.fromEntries(columns.map((name, i) => [name, inputs[i].value])));
      tell(`Developer ${developer.id} is saved.`);
      await showDevelopers();
    }));
    actions.append(" ", button("Delete", async () => {
      await call("DELETE", `/${developer.id}`);
      tell(`Developer ${developer.id} is deleted.`);
      await showDevelopers();
    }));
  }
  const end = offset + answer.data.length;
  byId("place").textContent = `${answer.data.length ? offset + 1 : 0} to ${end} of ${answer.page.total}`;
  byId("previous").disabled = offset === 0;
  byId("next").disabled = end >= answer.page.total;
}

async function showLogs() {
  const form = new FormData(byId("filter"));
  const query = new URLSearchParams({ limit: "50" });
  if (form.get("type")) query.set("type", form.get("type"));
  if (form.get("deleted")) query.set("deleted", "true");
  const answer = await call("GET", `/logs?${query}`);
  const statistics = (await call("GET", "/logs/statistics")).data;
  byId("statistics").textContent =
    `${statistics.written} written, ${statistics.waiting} waiting, ${statistics.dropped} dropped`;
  const body = byId("logs");
  body.replaceChildren();
  for (const log of answer.data) {
    const row = body.insertRow();
    if (log.deleted) row.className = "deleted";
    cell(row, log.at);
    cell(row, log.type);
    cell(row, log.action || log.error || `${log.method} ${log.url}`);
    cell(row, log.status);
    cell(row, log.ms === undefined ? "" : log.ms.toFixed(1));
    cell(row, log.deleted ? "" : button("Mark deleted", async () => {
      await call("PUT", `/logs/${log._id}`);
      tell("The record is marked as deleted.");
    }));
  }
}

byId("create").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  attempt(async () => {
    const answer = await call("POST", "/", Object.fromEntries(new FormData(form)));
    tell(`Developer ${answer.data.id} is added.`);
    form.reset();
    await showDevelopers();
  });
});
byId("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {});
});
byId("previous").addEventListener("click", () => attempt(async () => {
  offset = Math.max(0, offset - pageSize);
  await showDevelopers();
}));
byId("next").addEventListener("click", () => attempt(async () => {
  offset += pageSize;
  await showDevelopers();
}));
attempt(showDevelopers);
