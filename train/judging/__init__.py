"""How well a network does on people it never saw, and what an evaluation leaves behind."""
