// Tables, the state of an empty page, and the forms in which rows are changed.
import { button, make } from "./dom.js";
import { attempt } from "./api.js";

export function table(caption, columns, body) {
  return make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": caption },
    make("table", {}, make("thead", {}, make("tr", {}, ...columns.map((name) => make("th", { scope: "col" }, name || make("span", { class: "unseen" }, "Actions"))))), body));
}

export function row(cells, actions = null) {
  return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)), actions ? make("td", { class: "actions" }, ...actions) : null);
}

export function heading(text, ...tools) {
  return make("div", { class: "heading" }, make("h1", {}, text), make("div", { class: "tools" }, ...tools));
}

export function empty(text, hint = "") {
  return make("div", { class: "empty" }, make("p", {}, text), hint ? make("p", { class: "hint" }, hint) : null);
}

export function link(href, text) {
  return make("a", { href }, text);
}

export function code(text) {
  return text ? make("code", { title: text }, text) : make("span", { class: "none" }, "–");
}

export function callLink(sid, text) {
  return make("a", { href: `#/calls/${sid}`, class: "sid" }, text ?? `${sid.slice(0, 10)}…`);
}

function control(field) {
  const id = `field-${field.name}`, shared = { id, name: field.name, required: field.required, "aria-describedby": field.hint ? `${id}-hint` : null };
  if (field.options) return make("select", shared, ...field.options.map(([value, text]) => make("option", { value, selected: value === (field.value ?? "") }, text)));
  if (field.type === "checkbox") return make("input", { ...shared, type: "checkbox", checked: Boolean(field.value) });
  if (field.type === "textarea") return Object.assign(make("textarea", { ...shared, rows: "8", spellcheck: "false" }), { value: field.value ?? "" });
  return make("input", { ...shared, type: field.type ?? "text", value: field.value ?? "", placeholder: field.placeholder, autocomplete: "off" });
}

// Asks for some fields in a dialog; `done` gets their values and may be refused, which keeps the dialog open.
export function edit(title, fields, submit, done, verb = "Save") {
  const told = make("p", { role: "alert" });
  const controls = fields.map((field) => [field, control(field)]);
  const form = make("form", { method: "dialog" }, make("h2", {}, title),
    ...controls.map(([field, input]) => make("div", { class: field.type === "checkbox" ? "field tick" : "field" }, make("label", { for: input.id }, field.label), input,
      field.hint ? make("p", { class: "hint", id: `${input.id}-hint` }, field.hint) : null)),
    told, make("div", { class: "tools end" }, button("Cancel", () => dialog.close()), make("button", { class: "main" }, verb)));
  const dialog = make("dialog", { "aria-label": title, close: () => dialog.remove() }, form);
  form.addEventListener("input", () => { told.textContent = ""; });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(controls.map(([field, input]) => [field.name, field.type === "checkbox" ? String(input.checked) : input.value.trim()]));
    try {
      await submit(values);
      dialog.close();
      done?.();
    } catch (error) {
      told.textContent = error.message;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}

// Asks before something is lost.
export function confirm(title, text, verb, work, done) {
  const dialog = make("dialog", { "aria-label": title, close: () => dialog.remove() }, make("h2", {}, title), make("p", {}, text),
    make("div", { class: "tools end" }, button("Cancel", () => dialog.close()), button(verb, async () => {
      dialog.close();
      if (await attempt(work)) done?.();
    }, { kind: "danger" })));
  document.body.append(dialog);
  dialog.showModal();
}
