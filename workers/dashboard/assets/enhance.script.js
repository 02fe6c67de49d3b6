/* What pages do better with JavaScript; all of them work without. */

/* A form that was sent once is not sent twice by an impatient finger. */
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.dataset.sent !== undefined) return event.preventDefault();
  if (form.method !== "post") return;
  form.dataset.sent = "";
  submitter?.setAttribute("aria-disabled", "true");
});

/* A page taken back from the browser's memory has forms that can be sent again. */
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
});

/* Filters that apply as soon as they are chosen. */
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-submit-on-change]")) target.form.requestSubmit();
});

/* A refused form says so where the reader is. */
document.querySelector('[aria-invalid="true"], .form-message')?.scrollIntoView({ block: "center" });
document.querySelector('[aria-invalid="true"]')?.focus({ preventScroll: true });
