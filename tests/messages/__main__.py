"""Write MESSAGES.md anew."""

from .document import FILE, all_messages, document

if __name__ == "__main__":
    FILE.write_text(document(all_messages()), encoding="utf-8")
    print(f"wrote {FILE}")
