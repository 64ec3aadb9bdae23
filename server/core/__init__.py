"""The pure heart of the house: values and decisions, no input, output, clock or chance."""
