"""Which money pays which dispute: the rooms around `passes.link`. Pure."""
