"""What the recipes of attachments are called; `bot.recipes` knows how they are drawn."""

QR = "qr"
MY_DATA = "mydata"
PROGRESS, EXPORT, YEARLY = "progress", "export", "yearly"
