"""Ten small menus, written for the lab and modelled on kinds that are met in the real world."""
