"use strict";

// Two events let a page stand between the customer and the order:
//   shop:attach  before the button that places the order gets its handler (`detail` attaches it)
//   shop:order   before the order is sent
// Cancelling either one stops it.
const shop = {
  ask(name, detail) {
    return document.dispatchEvent(new CustomEvent(name, { cancelable: true, detail }));
  },

  // Sends what `form` holds as an order; the drinks are in the session's basket.
  async placeOrder(form) {
    if (!shop.ask("shop:order")) return;
    shop.say("");
    shop.forget(form);
    const done = shop.busy(document.getElementById("place-order"));
    try {
      const answer = await fetch("/api/orders", { method: "POST", body: new URLSearchParams(new FormData(form)) });
      const said = await answer.json();
      if (answer.status === 201) {
        location.assign(answer.headers.get("location"));
        return;
      }
      shop.explain(said);
    } catch {
      shop.say(document.body.dataset.noAnswer);
    }
    done();
  },

  // Places the order that `form` holds as soon as the payment site says that it has been paid.
  orderWhenPaid(form, origin) {
    window.addEventListener("message", (event) => {
      if (event.origin === origin && event.data === "paid") shop.placeOrder(form);
    });
  },

  explain(answer) {
    shop.say(answer.error);
    for (const [field, words] of Object.entries(answer.errors ?? {})) {
      const place = document.getElementById(`${field}-error`);
      if (!place) {
        shop.say(words);
        continue;
      }
      place.textContent = words;
      document.getElementById(field).setAttribute("aria-invalid", "true");
    }
  },

  // Takes back what the last answer said about the fields.
  forget(form) {
    form.querySelectorAll(".error").forEach((place) => { place.textContent = ""; });
    form.querySelectorAll("[aria-invalid]").forEach((field) => { field.removeAttribute("aria-invalid"); });
  },

  say(words, { calm = false } = {}) {
    const problem = document.getElementById("problem");
    problem.hidden = !words;
    problem.classList.toggle("calm", calm);
    problem.textContent = words;
  },

  // Nobody can press twice. Returns what makes the button as it was.
  busy(button) {
    if (!button) return () => {};
    const words = button.textContent;
    button.disabled = true;
    button.textContent = button.dataset.busy;
    return () => { button.disabled = false; button.textContent = words; };
  },

  showPrice() {
    const price = document.getElementById("price");
    const size = document.getElementById("size");
    const quantity = document.getElementById("quantity");
    const show = () => {
      const cents = Number(size.selectedOptions[0].dataset.cents) * Math.max(1, Number(quantity.value) || 1);
      price.value = `€${(cents / 100).toFixed(2)}`;
    };
    size.addEventListener("input", show);
    quantity.addEventListener("input", show);
    show();
  },
};

document.addEventListener("DOMContentLoaded", () => {
  if (document.getElementById("price")) shop.showPrice();
  const button = document.getElementById("place-order");
  if (!button) return;
  const attach = () => button.addEventListener("click", () => shop.placeOrder(button.form));
  if (shop.ask("shop:attach", attach)) attach();
});
