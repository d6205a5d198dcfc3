"""What a request asks for, as plain values."""
