// Plain pages (no wasm): passwords can be shown, and what a session left behind is forgotten. Signing in works without it.
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
// Nobody is signed in. Where somebody was, their session has ended, here or from elsewhere: without a network the program
// starts as them no more, and what they read is gone. What they changed and did not send waits, for them alone.
if (document.querySelector('[data-signed-out]')) {
  const forget = (name) => name.startsWith('rapport:') && indexedDB.deleteDatabase(name);
  try {
    const session = JSON.parse(localStorage.getItem('rapport:session'));
    if (session) forget(`rapport:${session.workspace_id}.${session.member}`);
    for (const key of Object.keys(localStorage)) if (/^rapport:(session|read-ahead)/.test(key)) localStorage.removeItem(key);
  } catch { /* a browser that keeps nothing */ }
  globalThis.indexedDB?.databases?.().then((all) => all.forEach(({ name }) => forget(name)), () => undefined);
}
