"""The trading service: hand-written behaviour behind the generated contract."""
