LABEL = "Telegram"
ORDER = 50
