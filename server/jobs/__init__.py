"""What happens by itself, each job under a lock row: of several hubs over one database one does it at a time."""
