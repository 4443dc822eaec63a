"""Labels in, a gated release out. May import gapshot; gapshot and api never import this."""
