"""The cases of tests/vectors/schemes.json, in the order in which they are written."""

from schemes import application, conversation, engage, mailgun, numbers, service, whatsapp_legacy

SCHEMES = (conversation, numbers, application, service, mailgun, engage, whatsapp_legacy)
