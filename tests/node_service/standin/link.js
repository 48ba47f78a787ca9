// The link to a phone (the credentials): IndexedDB with strict durability survives SIGKILL, localStorage does not.
'use strict';

const link = {
  open() {
    return new Promise((done, failed) => {
      const request = indexedDB.open('stand-in', 1);
      request.onupgradeneeded = () => request.result.createObjectStore('link');
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
  },
  async use(mode, action) {
    const base = await this.open();
    try {
      return await new Promise((done, failed) => {
        const transaction = base.transaction('link', mode, { durability: 'strict' });
        const request = action(transaction.objectStore('link'));
        transaction.oncomplete = () => done(request.result);
        transaction.onerror = transaction.onabort = () => failed(transaction.error);
      });
    } finally {
      base.close();
    }
  },
  read() {
    return this.use('readonly', (store) => store.get('number'));
  },
  write(number) {
    return this.use('readwrite', (store) => store.put(number, 'number'));
  },
  clear() {
    return this.use('readwrite', (store) => store.clear());
  },
};
