const place = document.getElementById("swagger-ui");
window.SwaggerUIBundle({ url: place.dataset.url, dom_id: "#swagger-ui", deepLinking: true });
