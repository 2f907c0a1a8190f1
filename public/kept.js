// What this browser keeps for when there is no network: answers that were read, and the service worker with the program's
// files. One database per member; signing out or another person signing in takes all of them away.
const NEWEST = 800;
const open = name => new Promise((yes, no) => {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore('answers', { keyPath: 'key' }).createIndex('at', 'at');
  request.onsuccess = () => yes(request.result);
  request.onerror = () => no(request.error);
});
const run = async (name, mode, work) => {
  const database = await open(name);
  try {
    return await new Promise((yes, no) => {
      const transaction = database.transaction('answers', mode);
      const asked = work(transaction.objectStore('answers'));
      transaction.oncomplete = () => yes(asked?.result ?? null);
      transaction.onabort = transaction.onerror = () => no(transaction.error);
    });
  } finally {
    database.close();
  }
};
const trim = store => {
  store.count().onsuccess = event => {
    let extra = event.target.result - NEWEST;
    if (extra <= 0) return;
    store.index('at').openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor || extra-- <= 0) return;
      cursor.delete();
      cursor.continue();
    };
  };
};
// A file that was opened with the installed program goes where files are brought in.
globalThis.launchQueue?.setConsumer(async ({ files }) => {
  const file = await files?.[0]?.getFile();
  if (!file) return;
  let tries = 200;
  const put = () => {
    if (tries-- <= 0) return;
    const input = document.querySelector('main input[type=file][name=file]');
    if (!input || document.documentElement.dataset.hydrated !== 'yes') return setTimeout(put, 50);
    const chosen = new DataTransfer();
    chosen.items.add(file);
    input.files = chosen.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  };
  put();
});
// Web push: the account that subscribed this device. Another account does not inherit the subscription.
const SUBSCRIBER = 'rapport:told';
const register = async (subscription, again) => {
  const body = JSON.stringify({ ...subscription.toJSON(), language: document.documentElement.lang, again });
  return await fetch('/do/account/push', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
};
let waiting = null;
const announceUpdate = worker => {
  waiting = worker;
  dispatchEvent(new Event('rapport:update'));
};
// Migrates keys of earlier versions: queued changes and drafts keyed by member alone, the quick-add draft by nothing.
const adopt = owner => {
  const member = owner.split('.')[1];
  if (!member) return;
  for (const key of Object.keys(localStorage)) {
    const [what, whose, ...rest] = key.split(':');
    const old = (what === 'outbox' || what === 'draft') && whose === member;
    if (!old && key !== 'draft:capture:new') continue;
    localStorage.setItem([what, owner, ...(old ? rest : ['capture', 'new'])].join(':'), localStorage.getItem(key));
    localStorage.removeItem(key);
  }
};
try {
  const { workspace_id, member } = JSON.parse(localStorage.getItem('rapport:session'));
  if (workspace_id && member) adopt(`${workspace_id}.${member}`);
} catch { /* no session, or no storage */ }
globalThis.rapport = {
  get: (name, key) => run(name, 'readonly', store => store.get(key)),
  put: (name, entries) => run(name, 'readwrite', store => {
    const at = Date.now();
    for (const [key, text] of entries) store.put({ key, text, at });
    trim(store);
  }),
  wipe: async except => {
    try { adopt(except.replace('rapport:', '')); } catch { /* quota: the old keys stay */ }
    for (const { name } of await indexedDB.databases()) if (name.startsWith('rapport:') && name !== except) indexedDB.deleteDatabase(name);
  },
  forget: async name => { indexedDB.deleteDatabase(name); },
  // Plain HTTP has no clipboard: there a field of the moment is copied from.
  copy: async text => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = document.createElement('textarea');
    field.value = text;
    (document.querySelector('dialog[open]') ?? document.body).append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  },
  // The program's files for when there is no network.
  start: async () => {
    if (!navigator.serviceWorker) return;
    const fresh = !navigator.serviceWorker.controller;
    if (!fresh) navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    const registration = await navigator.serviceWorker.register('/sw.js');
    const watch = worker => worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed' && navigator.serviceWorker.controller && !fresh) announceUpdate(worker);
    });
    if (registration.waiting && !fresh) announceUpdate(registration.waiting);
    watch(registration.installing);
    registration.addEventListener('updatefound', () => watch(registration.installing));
  },
  // Push permission: `never` (unsupported), `denied` or `off` (not subscribed).
  pushState: async () => {
    if (!globalThis.PushManager || !globalThis.Notification || !navigator.serviceWorker) return 'never';
    return Notification.permission === 'denied' ? 'denied' : 'off';
  },
  subscribePush: async (person, key) => {
    if (await Notification.requestPermission() !== 'granted') return 'denied';
    // A subscription needs an active service worker.
    const ready = await Promise.race([navigator.serviceWorker.ready, new Promise(late => setTimeout(late, 30_000))]);
    if (!ready) return 'failed';
    const { pushManager } = ready;
    const options = { userVisibleOnly: true, applicationServerKey: key };
    let subscription;
    try {
      subscription = await pushManager.subscribe(options);
    } catch {
      // Replaces a subscription with the key of another installation.
      await (await pushManager.getSubscription())?.unsubscribe();
      try { subscription = await pushManager.subscribe(options); } catch { return 'failed'; }
    }
    localStorage.setItem(SUBSCRIBER, person);
    return (await register(subscription, false)).ok ? 'on' : 'failed';
  },
  // Renews the subscription in a new session of its account; ends it for another account.
  renewPush: async person => {
    if (!globalThis.PushManager || Notification.permission !== 'granted') return;
    const subscription = await (await navigator.serviceWorker?.getRegistration())?.pushManager.getSubscription();
    if (!subscription) return;
    // 404: the subscription was ended from another browser.
    const mine = localStorage.getItem(SUBSCRIBER) === person;
    if (mine && (await register(subscription, true)).status !== 404) return;
    localStorage.removeItem(SUBSCRIBER);
    await subscription.unsubscribe();
  },
  unsubscribePush: async () => {
    localStorage.removeItem(SUBSCRIBER);
    await (await (await navigator.serviceWorker?.getRegistration())?.pushManager.getSubscription())?.unsubscribe();
  },
  // Takes the new version: every tab is loaded anew by it.
  update: () => waiting?.postMessage('take over'),
};
