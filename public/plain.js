// Plain pages (no wasm): passwords can be shown, links can be copied. Everything works without this file.
document.querySelectorAll('input[type=password]').forEach((input) => {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button button--quiet password__toggle';
  const show = (on) => {
    input.type = on ? 'text' : 'password';
    button.textContent = on ? input.dataset.hide || 'Hide' : input.dataset.show || 'Show';
    button.setAttribute('aria-pressed', String(on));
  };
  button.setAttribute('aria-label', input.dataset.toggle || 'Show password');
  button.addEventListener('click', () => show(input.type === 'password'));
  input.form && input.form.addEventListener('submit', () => show(false));
  input.after(button);
  show(false);
});
// Where somebody begins, their clocks are their browser's.
document.querySelectorAll('input[name=time_zone]').forEach((input) => {
  input.value = Intl.DateTimeFormat().resolvedOptions().timeZone || '';
});
