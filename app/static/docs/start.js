// A file of its own, so that the page needs no inline script.
SwaggerUIBundle({
  url: document.getElementById("api").dataset.document,
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "list",
  // Asked of swagger.io otherwise, which no offline page can reach and no private service should tell.
  validatorUrl: null,
});
