"""The recipes of files made of reports; `bot.report_files` follows them."""

PROGRESS, EXPORT, YEARLY = "progress", "export", "yearly"
