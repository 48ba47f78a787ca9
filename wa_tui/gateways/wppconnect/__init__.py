"""WPPConnect Server: WhatsApp Web in a browser for each session, which tells what it believes and, asked, what is."""
