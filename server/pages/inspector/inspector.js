// Why does a signature match, or not? The rules are in the WebAssembly; this fills in and shows.
import { byId, h } from "../common/dom.js";
import { bytesField } from "./bytes-field.js";
import { examples } from "./examples.js";
import { start } from "./machine.js";
import { distance, parseMoment } from "./moments.js";
import { words } from "./texts.js";
import * as view from "./view.js";

/** @typedef {import("./bytes-field.js").BytesField} BytesField */

/** @param {string} id */
const input = (id) => /** @type {HTMLInputElement} */ (byId(id));
/** @param {string} id */
const area = (id) => /** @type {HTMLTextAreaElement} */ (byId(id));
const schemeChoice = /** @type {HTMLSelectElement} */ (byId("scheme"));

/** @type {(message: object) => any} */
let ask;
/** @type {any} */
let about;
/** @type {{ row: HTMLElement, field: BytesField, retired: HTMLInputElement }[]} */
let secrets = [];
/** @type {any} */
let shown = null;

const now = () => Math.floor(Date.now() / 1_000);

/** Letters and digits that nobody can guess. */
function random() {
  const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return Array.from(crypto.getRandomValues(new Uint8Array(64)), (byte) => letters[byte % 32]).join(
    "",
  );
}

// ---- What is given

const tooLarge = () => view.verdict("missing", [words.tooLarge]);
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;

const begins = () => byId("result").setAttribute("aria-busy", "true");

function changed() {
  begins();
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 120);
}

const request = bytesField(area("request"), {
  begins,
  changed,
  tooLarge,
  picker: input("request-file"),
});
const body = bytesField(area("body"), { begins, changed, tooLarge, picker: input("body-file") });

function addSecret() {
  const slot = secrets.length;
  const text = h("textarea", {
    id: `secret-${slot}`,
    rows: 1,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    autocorrect: "off",
    "data-1p-ignore": true,
    "data-lpignore": "true",
  });
  text.classList.toggle("hidden-text", input("hide").checked);
  const retired = h("input", { type: "checkbox", id: `retired-${slot}` });
  const field = bytesField(text, { begins, changed, tooLarge });
  const label = words.secretLabel(slot);
  const row = h(
    "div",
    { class: "field" },
    h(
      "div",
      { class: "field-head" },
      h("label", { for: text.id }, label),
      slot > 0 && h("label", { class: "check" }, retired, ` ${words.retired}`),
    ),
    text,
  );
  retired.addEventListener("change", changed);
  secrets.push({ row, field, retired });
  byId("secrets").append(row);
  return text;
}

/** @param {string} id @param {string | null} wrong */
function complain(id, wrong) {
  const field = input(id);
  field.setAttribute("aria-invalid", String(wrong !== null));
  let line = document.getElementById(`${id}-wrong`);
  if (wrong === null) return line?.remove();
  if (!line) {
    line = h("p", { class: "wrong small", id: `${id}-wrong`, role: "alert" });
    (field.closest(".row") ?? field).after(line);
  }
  line.textContent = wrong;
}

function clock() {
  const text = input("clock").value.trim();
  const at = text === "" ? now() : parseMoment(text);
  complain("clock", at === null ? words.clock.wrong : null);
  return at ?? now();
}

/** @param {string} id @param {number} otherwise */
function limit(id, otherwise) {
  const text = input(id).value.trim();
  if (text === "" && id === "max-age") return null;
  const isNumber = /^\d{1,10}$/.test(text);
  complain(id, isNumber ? null : words.limit.wrong);
  return isNumber ? Number(text) : otherwise;
}

function asked() {
  const used = secrets.filter(({ field }) => !field.isEmpty());
  return {
    ask: "inspect",
    request: request.bytes(),
    body: body.isEmpty() ? null : body.bytes(),
    secrets: used.filter(({ retired }) => !retired.checked).map(({ field }) => field.bytes()),
    retired: used.filter(({ retired }) => retired.checked).map(({ field }) => field.bytes()),
    scheme: schemeChoice.value,
    key: input("key").value.trim(),
    path: input("path").value.trim(),
    now: clock(),
    max_age_secs: limit("max-age", about.max_age_secs),
    max_ahead_secs: limit("max-ahead", about.max_ahead_secs) ?? 0,
    require_algorithm: input("require-algorithm").checked,
  };
}

// ---- What comes out

/** @param {{ field: keyof typeof words.fields, index: number, detail: string }} problem */
function problemLine({ field, index, detail }) {
  const place = {
    request: "request",
    body: "body",
    secret: `secret-${secrets.findIndex((_, at) => used(at) === index)}`,
    retired: "secret-0",
    scheme: "scheme",
    key: "key",
    path: "path",
    method: "path",
    url: "url",
    clock: "clock",
  }[field];
  const name = field === "secret" && index > 0 ? words.secretLabel(index) : words.fields[field];
  const go = h("button", { type: "button", class: "link", onclick: () => reach(place) }, name);
  return h("span", {}, go, `: ${detail}.`);
}

/** The place among the secrets in use of the one in this row. @param {number} row */
function used(row) {
  const before = secrets
    .slice(0, row + 1)
    .filter(({ field, retired }) => !field.isEmpty() && !retired.checked);
  const here = secrets[row];
  return here && !here.field.isEmpty() && !here.retired.checked ? before.length - 1 : -1;
}

/** @param {string} id */
function reach(id) {
  const element = document.getElementById(id);
  const details = element?.closest("details");
  if (details) details.open = true;
  element?.focus();
}

function hideAll() {
  for (const id of ["causes", "facts-card", "string-card", "signature-card", "time-card"])
    view.show(id, false);
}

function refresh() {
  clearTimeout(waiting);
  keepSettings();
  judge();
  byId("result").setAttribute("aria-busy", "false");
}

function judge() {
  if (request.isEmpty()) {
    shown = null;
    hideAll();
    view.show("key-field", names("names_key", schemeChoice.value));
    view.show("path-field", names("signs_path", schemeChoice.value));
    return view.verdict("empty", [words.states.emptyDetail]);
  }
  const message = asked();
  try {
    shown = ask(message);
  } catch {
    hideAll();
    return view.verdict("failed", [words.states.failedDetail]);
  }
  render(shown, message.secrets.length);
}

/** @param {"names_key" | "signs_path" | "shares_secret"} what @param {string} name */
function names(what, name) {
  return about.schemes.some((/** @type {any} */ scheme) => scheme.name === name && scheme[what]);
}

/** @param {any} inspection @param {number} count of secrets */
function render(inspection, count) {
  const { scheme, report, problems, parts, signature, time } = inspection;
  const lines = [];
  if (report?.verdict === "accepted") {
    const age = report.age_secs === undefined || !time ? null : distance(time.signed_at, time.now);
    lines.push(words.accepted(report.kind, age));
    if (report.expects_answer) lines.push(words.answerExpected);
  } else if (report) {
    lines.push(
      `${report.detail.charAt(0).toUpperCase()}${report.detail.slice(1)}.`,
      words.refusedAs(report.code, report.status),
    );
  } else if (count === 0 && !problems.some((/** @type {any} */ problem) => problem.stops)) {
    lines.push(words.noSecret);
  }
  lines.push(...problems.map(problemLine));
  const details = byId("body-details");
  if (problems.some((/** @type {any} */ { field }) => field === "body"))
    details.setAttribute("open", "");
  view.verdict(report ? report.verdict : "missing", lines);
  const found = [...(report?.diagnosis ?? []), ...inspection.causes];
  view.causes(
    found.length > 0 || !inspection.hint ? found : [{ code: null, detail: inspection.hint }],
  );
  const name = scheme?.name ?? schemeChoice.value;
  view.show("key-field", names("names_key", name));
  view.show("path-field", names("signs_path", name));
  for (const id of ["facts-card", "signature-card", "time-card"]) view.show(id, scheme !== null);
  view.signedString(parts);
  if (scheme === null) return;
  view.facts(inspection, count);
  view.signatures(signature, count);
  view.times(scheme, time);
}

// ---- Settings in the link: the scheme and the rules, and nothing of the callback

/** @type {[string, HTMLInputElement | HTMLSelectElement][]} */
const SETTINGS = [
  ["scheme", schemeChoice],
  ["max-age", input("max-age")],
  ["max-ahead", input("max-ahead")],
];

function keepSettings() {
  const settings = new URLSearchParams();
  if (schemeChoice.value) settings.set("scheme", schemeChoice.value);
  const limits = { "max-age": about.max_age_secs, "max-ahead": about.max_ahead_secs };
  for (const [id, usual] of Object.entries(limits)) {
    const text = input(id).value.trim();
    if (text !== String(usual) && /^\d{0,10}$/.test(text)) settings.set(id, text);
  }
  if (input("require-algorithm").checked) settings.set("require-algorithm", "1");
  const fragment = settings.toString();
  const link = location.href.replace(/#.*/s, "") + (fragment && `#${fragment}`);
  input("link").value = link;
  if (fragment || location.hash)
    history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname);
}

function takeSettings() {
  const settings = new URLSearchParams(location.hash.slice(1));
  for (const [id, control] of SETTINGS) {
    const value = settings.get(id);
    if (value === null) continue;
    const isKnown =
      id === "scheme"
        ? names("shares_secret", value) || value === "engage"
        : /^\d{0,10}$/.test(value);
    if (isKnown) control.value = value;
  }
  input("require-algorithm").checked = settings.get("require-algorithm") === "1";
}

// ---- Signed requests

/** @param {object} what @returns {any} */
const sign = (what) =>
  ask({ ask: "sign", url: "http://localhost/sinch/callbacks", random: random(), ...what });

function make() {
  const scheme = schemeChoice.value || shown?.scheme?.name || "conversation";
  const first = secrets.find(({ field, retired }) => !field.isEmpty() && !retired.checked);
  const made = sign({
    scheme,
    key: input("key").value.trim(),
    path: input("path").value.trim(),
    secret: first?.field.bytes() ?? { text: "" },
    url: input("url").value.trim(),
    content_type: input("content-type").value.trim(),
    body: area("make-body").value,
    at: clock(),
  });
  const isMade = typeof made.curl === "string";
  byId("command").textContent = isMade ? made.curl : "";
  for (const id of ["command", "copy-command", "inspect-command"]) view.show(id, isMade);
  byId("make-status").textContent = isMade ? "" : `${made.detail}.`;
}

/** @param {string} text @param {HTMLElement} place */
async function copy(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    place.textContent = words.copied;
  } catch {
    place.textContent = words.notCopied;
  }
}

// ---- Beginning

/** @param {string} name */
function play(name) {
  clear();
  const example = examples[name]?.(sign, now());
  if (!example) return;
  secrets[0]?.field.set(example.secret);
  request.set(example.request);
  area("make-body").value = example.request.split("\r\n\r\n")[1] ?? "";
  refresh();
}

function clear() {
  request.clear();
  body.clear();
  secrets = [];
  byId("secrets").replaceChildren();
  addSecret();
  schemeChoice.value = "";
  for (const id of ["key", "path", "clock"]) input(id).value = "";
  area("make-body").value = "";
  byId("command").textContent = "";
  byId("make-status").textContent = "";
  for (const id of ["command", "copy-command", "inspect-command"]) view.show(id, false);
  refresh();
}

async function begin() {
  view.verdict("empty", [words.states.emptyDetail]);
  addSecret();
  try {
    ask = await start();
    about = ask({ ask: "about" });
  } catch {
    return view.verdict("broken", []);
  }
  for (const { name, products } of about.schemes) {
    schemeChoice.append(h("option", { value: name }, `${name}: ${products}`));
  }
  input("max-age").value = String(about.max_age_secs);
  input("max-ahead").value = String(about.max_ahead_secs);
  takeSettings();
  if (location.protocol !== "file:") {
    view.show("home", true);
    view.show("brand", false);
  }
  for (const id of [
    "scheme",
    "key",
    "path",
    "clock",
    "max-age",
    "max-ahead",
    "require-algorithm",
  ]) {
    byId(id).addEventListener("input", changed);
  }
  byId("hide").addEventListener("change", () => {
    for (const { field } of secrets)
      field.area.classList.toggle("hidden-text", input("hide").checked);
  });
  byId("add-secret").addEventListener("click", () => addSecret().focus());
  byId("clear").addEventListener("click", clear);
  byId("clock-now").addEventListener("click", () => {
    input("clock").value = "";
    refresh();
  });
  byId("use-signed").addEventListener("click", () => {
    input("clock").value = String(shown?.time?.signed_at ?? "");
    refresh();
    input("clock").focus();
  });
  byId("make").addEventListener("click", make);
  byId("copy-command").addEventListener(
    "click",
    () => void copy(byId("command").textContent ?? "", byId("make-status")),
  );
  byId("copy-link").addEventListener("click", () => {
    input("link").select();
    void copy(input("link").value, byId("link-status"));
  });
  byId("inspect-command").addEventListener("click", () => {
    body.clear();
    request.set(byId("command").textContent ?? "");
    refresh();
    byId("result").focus();
  });
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId("result").focus();
  });
  for (const button of document.querySelectorAll("[data-example]")) {
    button.addEventListener("click", () => play(button.getAttribute("data-example") ?? ""));
  }
  addEventListener("resize", () => shown?.time && view.times(shown.scheme, shown.time));
  // A file that is dropped beside a field is not opened in the page's place.
  for (const type of ["dragover", "drop"])
    document.addEventListener(type, (event) => event.preventDefault());
  refresh();
  document.documentElement.dataset["ready"] = "true";
}

void begin();
