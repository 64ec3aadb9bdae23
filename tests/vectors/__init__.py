"""Golden vectors: bytes that every version of hub and page must go on understanding."""
