// The modules that whatsapp-web.js asks for to send a file: it is "uploaded" by saying how large it is.
'use strict';

class OpaqueData {
  constructor(blob, type) {
    Object.assign(this, { blob, type });
  }
  static async createFromData(blob, type) {
    return new OpaqueData(blob, type);
  }
  url() {
    return 'blob:stand-in';
  }
  formData() {
    return this.blob;
  }
  autorelease() {}
}

function prepared({ blob, type }, { asDocument }) {
  const data = {
    type: asDocument ? 'document' : type.split('/')[0],
    mimetype: type,
    size: blob.size,
    filehash: `hash-${blob.size}`,
    preview: null,
    mediaBlob: new OpaqueData(blob, type),
    set: (fields) => Object.assign(data, fields),
    toJSON: () => ({ type: data.type, mimetype: type, size: data.size, directPath: data.directPath }),
  };
  return data;
}

function consolidate(fields) {
  Object.assign(this, fields);
}

const mediaModules = {
  WAWebMediaOpaqueData: OpaqueData,
  WAWebPrepRawMedia: { prepRawMedia: (opaque, params) => ({ waitForPrep: async () => prepared(opaque, params) }) },
  WAWebMediaStorage: {
    getOrCreateMediaObject: (filehash) => ({ filehash, type: 'image', contentInfo: {}, consolidate }),
  },
  WAWebMmsMediaTypes: { msgToMediaType: ({ type }) => type, castToV4: (type) => type },
  WAWebMediaDataUtils: { shouldUseMediaCache: () => false },
  WAWebMediaMmsV4Upload: { uploadMedia: async () => ({ mediaEntry: { mmsUrl: 'mms', directPath: '/stand-in' } }) },
};
