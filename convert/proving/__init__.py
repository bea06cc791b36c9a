"""The proof that a quantized network still is the network: differences counted, runtimes timed, told in words."""
