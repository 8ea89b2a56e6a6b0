"""How often the comparison of two releases is wrong: real servers, real requests, the rule of the gate."""
