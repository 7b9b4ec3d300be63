"""Which installed framework accepts a layer, needs something around it, refuses it, or is wrong."""
