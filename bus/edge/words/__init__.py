"""What people are told, in Portuguese and English."""
