/* The shop: a page for each product, a cart, a log-in. Each thing a customer does is one call of the SDK. */
(() => {
  const { element } = panel;
  const $ = (id) => document.getElementById(id);
  const money = (amount) => `${amount.toFixed(2)} €`;

  /** The shop's own memory, which may be blocked like anybody's. */
  const keep = {
    get(name, otherwise) {
      try {
        return JSON.parse(localStorage.getItem(`shop.${name}`)) ?? otherwise;
      } catch {
        return otherwise;
      }
    },
    set(name, value) {
      try {
        localStorage.setItem(`shop.${name}`, JSON.stringify(value));
      } catch {
        // Gone with the page.
      }
    },
  };

  let cart = keep.get("cart", []);
  let user = keep.get("user", null);

  function picture(product) {
    const box = element("span", { class: "picture" });
    box.style.setProperty("--tint", product.tint);
    box.innerHTML = `<svg viewBox="0 0 120 120" aria-hidden="true">${product.art}</svg>`;
    return box;
  }

  function adder(product) {
    return element("button", { type: "button", class: "main add", "data-product": product.id, click: () => add(product) }, "Add to cart");
  }

  function front() {
    return [
      element("section", { class: "hero" },
        element("p", { class: "eyebrow" }, "Goods for the shore"),
        element("h1", {}, "For those who come back with the tide"),
        element("p", {}, "A small shop that sells nothing. It shows what Whograph makes of a visit: look around, put something in the cart, log in, log out, come back.")),
      element("ul", { class: "products" }, ...PRODUCTS.map((product) =>
        element("li", { class: "product" },
          element("a", { href: `?product=${product.id}` }, picture(product), element("b", {}, product.name), element("span", { class: "price" }, money(product.price))),
          adder(product)))),
    ];
  }

  function single(product) {
    return [
      element("p", { class: "crumbs" }, element("a", { href: "./" }, "← All goods")),
      element("article", { class: "single" }, picture(product),
        element("div", {}, element("h1", {}, product.name), element("p", { class: "price" }, money(product.price)),
          element("p", {}, product.text), adder(product))),
    ];
  }

  function drawAccount() {
    $("account-label").textContent = user ?? "Log in";
    $("logged-out").hidden = user !== null;
    $("logged-in").hidden = user === null;
    $("user-name").textContent = user ?? "";
  }

  function drawCart() {
    $("cart-count").textContent = cart.length;
    $("cart-items").replaceChildren(...(cart.length ? cart : [null]).map((id) => {
      const product = PRODUCTS.find((each) => each.id === id);
      return product
        ? element("li", {}, picture(product), element("span", {}, product.name), element("span", { class: "price" }, money(product.price)))
        : element("li", { class: "hint" }, "Nothing in it yet.");
    }));
    const total = cart.reduce((sum, id) => sum + (PRODUCTS.find((each) => each.id === id)?.price ?? 0), 0);
    $("cart-total").textContent = cart.length ? `Together ${money(total)}` : "";
    $("order").disabled = !cart.length;
  }

  let quiet;
  function say(text) {
    $("toast").textContent = text;
    $("toast").classList.add("shown");
    clearTimeout(quiet);
    quiet = setTimeout(() => $("toast").classList.remove("shown"), 2500);
  }

  function add(product) {
    cart = [...cart, product.id];
    keep.set("cart", cart);
    drawCart();
    say(`${product.name} is in your cart.`);
    whograph.track("add_to_cart", { productId: product.id, name: product.name, price: product.price, currency: "EUR" });
  }

  $("order").addEventListener("click", () => {
    const products = cart;
    cart = [];
    keep.set("cart", cart);
    drawCart();
    $("cart").close();
    say("Thank you. Nothing will arrive.");
    whograph.track("order", { products, count: products.length });
  });

  $("log-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { userId, email } = Object.fromEntries(new FormData(event.target));
    try {
      await whograph.identify(email ? { userId, email } : { userId });
    } catch (problem) {
      return say(`The log-in did not reach the service: ${problem.message}`);
    }
    user = userId;
    keep.set("user", user);
    event.target.reset();
    $("account").close();
    drawAccount();
    say(`Hello, ${user}.`);
  });

  $("log-out").addEventListener("click", async () => {
    user = null;
    keep.set("user", user);
    cart = [];
    keep.set("cart", cart);
    $("account").close();
    drawAccount();
    drawCart();
    await whograph.reset();
    say("Logged out.");
  });

  document.querySelectorAll("[data-opens]").forEach((button) =>
    button.addEventListener("click", () => $(button.dataset.opens).showModal()));
  document.querySelectorAll("dialog").forEach((dialog) =>
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()));

  $("visit-again").addEventListener("click", () => location.assign("./"));
  $("new-session").addEventListener("click", () => {
    forget((key) => key.startsWith("whograph.") && key.endsWith(".session"));
    location.assign("./");
  });
  $("empty-profile").addEventListener("click", () => {
    forget(() => true);
    location.assign("./");
  });

  function forget(chosen) {
    try {
      Object.keys(localStorage).filter(chosen).forEach((key) => localStorage.removeItem(key));
    } catch {
      // What is blocked holds nothing.
    }
    for (const cookie of document.cookie.split("; ")) {
      const name = cookie.split("=")[0];
      if (chosen(decodeURIComponent(name))) document.cookie = `${name}=; Path=/; Max-Age=0`;
    }
  }

  const asked = PRODUCTS.find(({ id }) => id === new URLSearchParams(location.search).get("product"));
  if (asked) document.title = `${asked.name} · Tern & Tide`;
  $("view").replaceChildren(...(asked ? single(asked) : front()));
  drawAccount();
  drawCart();
  if (asked) whograph.track("product_view", { productId: asked.id, name: asked.name, price: asked.price, currency: "EUR" });
})();
