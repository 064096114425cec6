"""What a listing must hold before anybody reviews it: pure rules, no clock, no database."""
