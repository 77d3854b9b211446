// What a log line says is hostile: it is only ever set as text, never as markup.
"use strict";

const $ = (id) => document.getElementById(id);
const ROWS = 50;
const lists = {
  alerts: { path: "/api/v1/alerts?sort=-last_seen&limit=" + ROWS, rows: new Map(), order: (row) => row.last_seen },
  cases: { path: "/api/v1/cases?limit=" + ROWS, rows: new Map(), order: (row) => row.created },
  actions: { path: "/api/v1/actions?limit=" + ROWS, rows: new Map(), order: (row) => row.created },
  decisions: { path: "/api/v1/decisions?limit=" + ROWS, rows: new Map(), order: (row) => row.since, keep: (row) => row.state === "in_force" },
};
const cells = {
  alerts: (row) => [[row.severity, row.severity], [words(row.status)], [row.title, "wide"], [row.count], [when(row.last_seen)], [row.tenant]],
  cases: (row) => [["#" + row.number], [row.severity, row.severity], [words(row.status)], [row.title, "wide"], [when(row.created)], [row.tenant]],
  actions: (row) => [[words(row.status)], [row.summary, "wide"], [when(row.created)], [row.tenant]],
  decisions: (row) => [[row.kind], [row.target ? row.target.value : "–", "wide"], [when(row.since)], [row.expires ? when(row.expires) : "undone by hand"], [row.tenant]],
};
let stream = null;
let pending = null;

function words(text) { return String(text).replaceAll("_", " "); }
function when(time) { return new Date(time).toLocaleString(); }

async function ask(path, options) {
  const answer = await fetch(path, { credentials: "same-origin", ...options });
  const text = await answer.text();
  const body = text ? JSON.parse(text) : null;
  if (!answer.ok) {
    const error = new Error(body && body.detail ? body.detail : answer.statusText);
    error.status = answer.status;
    throw error;
  }
  return body;
}

function post(path, body) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

function draw(name) {
  const list = lists[name];
  const rows = [...list.rows.values()].filter(list.keep || (() => true));
  rows.sort((left, right) => (list.order(left) < list.order(right) ? 1 : -1));
  const body = $(name).tBodies[0];
  body.replaceChildren();
  for (const row of rows.slice(0, ROWS)) {
    const line = body.insertRow();
    for (const [text, look] of cells[name](row)) {
      const cell = line.insertCell();
      cell.textContent = text;
      if (look) cell.className = look;
    }
  }
  if (rows.length === 0) {
    const cell = body.insertRow().insertCell();
    cell.colSpan = 10;
    cell.className = "none";
    cell.textContent = "None.";
  }
}

async function load(name) {
  const answer = await ask(lists[name].path);
  lists[name].rows = new Map(answer.rows.map((row) => [row.id, row]));
  draw(name);
}

async function figures() {
  const figures = await ask("/api/v1/overview");
  const shown = [
    ["events kept", figures.events], ["alerts, 7 days", figures.alerts.total], ["open", figures.alerts.open],
    ["cases, 7 days", figures.cases.total], ["decisions in force", figures.decisions_in_force],
    ["unreadable records", figures.dead_letters], ["mode", words(figures.mode)],
  ];
  $("figures").replaceChildren(...shown.map(([name, value]) => {
    const group = document.createElement("div");
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    text.textContent = typeof value === "number" ? value.toLocaleString() : value;
    group.append(term, text);
    return group;
  }));
}

function figuresSoon() {
  if (pending) return;
  pending = setTimeout(() => { pending = null; figures().catch(failed); }, 2000);
}

function watch() {
  if (stream) stream.close();
  stream = new EventSource("/api/v1/live");
  stream.onopen = () => { $("state").textContent = "live"; };
  stream.onerror = () => {
    $("state").textContent = "connection lost, trying again";
    // Closed for good means that the session ended or the server refused.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => start().catch(failed), 5000);
  };
  for (const [kind, name] of [["alert", "alerts"], ["case", "cases"], ["action", "actions"], ["decision", "decisions"]]) {
    stream.addEventListener(kind, (event) => {
      const row = JSON.parse(event.data);
      lists[name].rows.set(row.id, row);
      draw(name);
      figuresSoon();
    });
  }
  stream.addEventListener("ingest", figuresSoon);
  stream.addEventListener("reload", () => { loadAll().catch(failed); });
}

function loadAll() {
  return Promise.all([figures(), ...Object.keys(lists).map(load)]);
}

function show(signedIn) {
  $("sign-in").hidden = signedIn;
  $("board").hidden = !signedIn;
  $("who").hidden = !signedIn;
}

function failed(error) {
  if (error.status === 401) {
    if (stream) stream.close();
    show(false);
    $("state").textContent = "signed out";
    return;
  }
  $("state").textContent = error.message;
}

async function start() {
  try {
    const me = await ask("/api/v1/auth/me");
    $("name").textContent = me.name + " (" + me.role + ")";
  } catch (error) {
    failed(error);
    return;
  }
  show(true);
  // Watched before it is read, so that nothing falls in between.
  watch();
  await loadAll();
}

$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  $("problem").textContent = "";
  try {
    await post("/api/v1/auth/login", { user: form.user.value, password: form.password.value });
    form.reset();
    await start();
  } catch (error) {
    $("problem").textContent = error.message;
  }
});

$("sign-out").addEventListener("click", async () => {
  await ask("/api/v1/auth/logout", { method: "POST" }).catch(() => null);
  if (stream) stream.close();
  location.reload();
});

start().catch(failed);
