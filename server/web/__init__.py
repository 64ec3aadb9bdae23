"""The doors over HTTP: pages, JSON API, sign-in, health and metrics; and what keeps strangers from holding them."""
