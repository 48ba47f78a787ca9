"""wwebjs-api (avoylenko/wwebjs-api): whatsapp-web.js behind a REST API, a browser for each session."""
