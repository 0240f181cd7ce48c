LABEL = "WhatsApp"
ORDER = 40
