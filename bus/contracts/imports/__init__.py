"""Published XSDs of others, brought into an installation."""
