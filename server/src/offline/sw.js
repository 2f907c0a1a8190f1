// Keeps the program's own files, and the one page that starts it without a network. No page or answer of somebody's is
// kept here: those are in the browser's database, under the member they belong to.
const BUILD = '__BUILD__';
const FILES = __FILES__;
const CACHE = `rapport-${BUILD}`;
const AWAY = [502, 503, 504];

addEventListener('install', event => {
  event.waitUntil(caches.open(CACHE).then(async cache => {
    // A few at a time, behind whatever the page asks for.
    const left = [...FILES];
    const fetchOne = async () => {
      for (let file = left.shift(); file; file = left.shift()) {
        const answer = await fetch(file, { priority: 'low', credentials: 'omit', cache: file.startsWith('/pkg/') ? 'default' : 'no-cache' });
        if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
        await cache.put(file, answer);
      }
    };
    await Promise.all([fetchOne(), fetchOne(), fetchOne()]);
  }));
});

addEventListener('activate', event => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith('rapport-') && name !== CACHE) await caches.delete(name);
    await clients.claim();
  })());
});

addEventListener('message', event => {
  if (event.data === 'take over') skipWaiting();
});

const away = async url => {
  const page = await caches.match('/offline');
  return page ? Response.redirect(`/offline?to=${encodeURIComponent(url.pathname + url.search)}`) : Response.error();
};

addEventListener('fetch', event => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (url.pathname.startsWith('/pkg/') || FILES.includes(url.pathname + url.search)) {
    event.respondWith(caches.match(request).then(kept => kept ?? fetch(request)));
  } else if (request.mode === 'navigate') {
    event.respondWith((async () => {
      try {
        const answer = await fetch(request);
        if (!AWAY.includes(answer.status)) return answer;
      } catch { /* no network */ }
      if (url.pathname === '/offline') return (await caches.match('/offline')) ?? Response.error();
      return away(url);
    })());
  }
});

// Told by the server although no page may be open: what it is about, in one sentence, and where that is.
addEventListener('push', event => {
  let told = {};
  try { told = event.data?.json() ?? {}; } catch { /* not ours */ }
  const link = typeof told.link === 'string' && /^\/[^/\\]/.test(told.link) ? told.link : '/';
  event.waitUntil(registration.showNotification(told.title || 'Rapport', { tag: told.tag, icon: '/public/icon-192.png', badge: '/public/icon-192.png', data: { link } }));
});

addEventListener('notificationclick', event => {
  event.notification.close();
  const link = event.notification.data?.link ?? '/';
  event.waitUntil((async () => {
    const [page] = await clients.matchAll({ type: 'window' });
    if (!page) return clients.openWindow(link);
    await page.focus();
    return page.navigate(link);
  })());
});

// The browser has another address for the same device now.
addEventListener('pushsubscriptionchange', event => {
  event.waitUntil((async () => {
    const options = event.oldSubscription?.options;
    if (!options) return;
    const body = JSON.stringify(event.newSubscription ?? await registration.pushManager.subscribe(options));
    await fetch('/do/account/push', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  })());
});
