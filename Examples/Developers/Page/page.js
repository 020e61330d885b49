// All texts go into the page as text, never as markup.
"use strict";
const labels = { first_name: "First name", last_name: "Last name", expert: "Expert in" };
const columns = Object.keys(labels);
const pageSize = 20;
let offset = 0;
// The record behind which the shown logs begin; none for the newest.
let before = null;

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
  const fields = Object.entries(answer.error.fields || {}).map(([name, text]) => `${labels[name] ?? name} ${text}.`);
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
  } catch (error) {
    tell(error.message, true);
  }
  // What failed has left its records, too.
  try {
    await showLogs();
  } catch (error) {
    byId("statistics").textContent = error.message;
  }
}

async function showDevelopers() {
  const answer = await call("GET", `/?limit=${pageSize}&offset=${offset}`);
  if (answer.data.length === 0 && offset > 0) {
    // The last row of the last page is gone.
    offset = Math.max(0, Math.floor((answer.page.total - 1) / pageSize) * pageSize);
    return showDevelopers();
  }
  const body = byId("developers");
  body.replaceChildren();
  for (const developer of answer.data) {
    const row = body.insertRow();
    cell(row, developer.id);
    const inputs = columns.map((name) => {
      const input = document.createElement("input");
      input.value = developer[name] ?? "";
      input.setAttribute("aria-label", `${labels[name]} of ${developer.id}`);
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
  if (before) query.set("before", before);
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
    cell(row, log.action || (log.error && `${log.error}: ${log.code}`) || `${log.method} ${log.url}`);
    cell(row, log.status);
    cell(row, log.ms === undefined ? "" : log.ms.toFixed(1));
    cell(row, log.deleted ? "" : button("Mark deleted", async () => {
      await call("PUT", `/logs/${log._id}`);
      tell("The record is marked as deleted.");
    }));
  }
  byId("newest").disabled = before === null;
  byId("older").disabled = answer.page.before === null;
  byId("older").dataset.before = answer.page.before ?? "";
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
  before = null;
  attempt(async () => {});
});
byId("newest").addEventListener("click", () => attempt(async () => { before = null; }));
byId("older").addEventListener("click", () => attempt(async () => { before = byId("older").dataset.before || null; }));
byId("previous").addEventListener("click", () => attempt(async () => {
  offset = Math.max(0, offset - pageSize);
  await showDevelopers();
}));
byId("next").addEventListener("click", () => attempt(async () => {
  offset += pageSize;
  await showDevelopers();
}));
attempt(showDevelopers);
