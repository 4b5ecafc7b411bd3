"use strict";
// What the pages share. `Store.save` commits a value to the page server, `Store.list` shows what the server has.
// A form with `data-store` does both by itself.

const Store = {
  async entries(name) {
    const answer = await fetch(`/store/${name}`, { cache: "no-store" });
    return (await answer.json()).entries;
  },

  async save(name, value) {
    const files = value instanceof FormData;
    const answer = await fetch(`/store/${name}`, {
      method: "POST",
      headers: files ? { accept: "application/json" } : { accept: "application/json", "content-type": "application/json" },
      body: files ? value : JSON.stringify(value),
    });
    if (answer.status !== 201) throw new Error(`The server answered ${answer.status}.`);
  },

  // Saves, tells how it went, and shows the new list. Gives whether it was saved.
  async commit(name, value, said = "Saved.") {
    try {
      await Store.save(name, value);
    } catch (error) {
      tell(`Not saved. ${error.message}`, "alert");
      return false;
    }
    await Store.list(name);
    tell(said);
    return true;
  },

  // Fills `[data-saved=name]` with a table of the entries.
  async list(name) {
    const place = document.querySelector(`[data-saved="${name}"]`);
    if (!place) return;
    const entries = await Store.entries(name);
    place.replaceChildren();
    if (!entries.length) {
      place.append(made("p", { class: "hint" }, "Nothing is saved yet."));
      return;
    }
    const keys = [...new Set(entries.flatMap(Object.keys))];
    const head = made("tr", {}, ...keys.map((key) => made("th", { scope: "col" }, titled(key))));
    const rows = entries.map((entry) => made("tr", {}, ...keys.map((key) => made("td", {}, written(entry[key])))));
    place.append(made("table", { "aria-label": "Saved" }, made("thead", {}, head), made("tbody", {}, ...rows)));
  },
};

// An element with attributes and children; texts stay texts.
function made(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function tell(text, role = "status") {
  const place = document.querySelector(`main [role=${role}]`) || document.querySelector("main").appendChild(made("p", { role }));
  place.textContent = text;
}

function titled(key) {
  return key.charAt(0).toUpperCase() + key.slice(1).replaceAll("_", " ");
}

function written(value) {
  if (value === undefined || value === null) return "";
  return Array.isArray(value) ? value.join(", ") : typeof value === "object" ? value.name || JSON.stringify(value) : String(value);
}

// The fields of a form. A name that ends in [] is a list, however many there are.
function fields(form) {
  const value = {};
  for (const field of form.elements) if (field.name.endsWith("[]")) value[field.name.slice(0, -2)] = [];
  for (const [name, text] of new FormData(form)) {
    if (name.endsWith("[]")) value[name.slice(0, -2)].push(text);
    else value[name] = text;
  }
  return value;
}

const data = (name) => fetch(`/data/${name}.json`).then((answer) => answer.json());

document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll("[data-saved]")) Store.list(place.dataset.saved);
  for (const form of document.querySelectorAll("form[data-store]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const value = form.enctype === "multipart/form-data" ? new FormData(form) : fields(form);
      Store.commit(form.dataset.store, value);
    });
  }
});
