"""Between hubs: announcements, ticks and numbers. Nothing here is the truth; the store is, and every loss heals."""
