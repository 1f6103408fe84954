// What both plans are drawn up with: names for accounts, settings that are checked as they are
// taken, and the account's file at the end. Inside this library only. One thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/config/settings.hpp"
#include "moving/plan.hpp"
#include "moving/secret_search.hpp"

namespace bullpen::moving {

// What is said of a file that copy_as_it_is() copied.
inline constexpr std::string_view k_copied = "; not understood, copied as it is";

// A variable of the old bot's, and the field of the vault that it is filled with.
struct Variable {
    std::string_view name;
    std::string_view field;
};

class Drafting {
  public:
    Drafting(Plan& plan, const Wishes& wishes, std::span<const TakenAccount> taken,
             std::span<const OldFile> files)
        : plan_(plan),
          wishes_(wishes),
          taken_(taken),
          files_(files),
          known_(known_secrets(files)) {}

    [[nodiscard]] const Wishes& wishes() const { return wishes_; }
    Plan& plan() { return plan_; }

    // The rule for names: `wish` in lower case, everything else than a-z, 0-9, '_' and '-' as '-',
    // cut to 32; a name that the home or the plan has gets "-2", "-3" and so on behind it.
    AccountId name(std::string_view wish);
    // The account of the home that is this one at the broker; null when there is none.
    [[nodiscard]] const TakenAccount* at_broker(const PlannedAccount& account) const;

    // A value that looks like a credential is neither shown nor kept.
    void note(Fate fate, std::string_view file, std::string_view name, std::string_view value,
              std::string_view why);
    void taken(const PlannedAccount& account, std::string_view file, std::string_view name,
               std::string_view value, std::string becomes);
    // Takes it as this key when the key takes the value; otherwise it is noted as wrong.
    // `account`: whose setting it is.
    bool set(PlannedAccount& account, std::string_view key, const std::string& value,
             std::string_view file, std::string_view name, std::string_view old_value);

    // How the account is run: by the command that was wished for, with the words {user}, {account}
    // and {broker_account} filled in, or not at all, and why.
    Result<void> run_or_disable(PlannedAccount& account, std::string_view why_not);
    // Credentials as variables of the old bot's names, where it is run: those that the account has,
    // and `expected`, variable and field, which may be set later. An account whose listed
    // credential is missing waits for it.
    void hand_over_as_variables(PlannedAccount& account, std::span<const Variable> expected = {});
    // A file that is not understood, for the old bot, which may understand it. False where it is
    // not run, or the file could not be read.
    bool copy_as_it_is(PlannedAccount& account, const OldFile& file, std::string to) const;
    // Says of a name that was written with what such a name cannot have.
    static void tell_changed(PlannedAccount& account, std::string_view key, std::string_view before,
                             std::string_view after);
    // Writes the account's file and adds the account to the plan; or says why it would be refused.
    // Of its copies of files the credentials are taken out: they are in the vault.
    void place(PlannedAccount account);
    // Once, at the end: what was found by looking through the whole folder, and numbers of its
    // files that are none.
    void close();

    [[nodiscard]] bool runs_old_bot() const { return !wishes_.command.empty(); }

  private:
    Result<void> finish(PlannedAccount& account);
    void left_out(const LeftOut& one);

    Plan& plan_;
    const Wishes& wishes_;
    std::span<const TakenAccount> taken_;
    std::span<const OldFile> files_;
    KnownSecrets known_;
};

// The text of the first of these files that was read; null when none is there.
const OldFile* file_of(std::span<const OldFile> files, std::string_view path);
// A name as a field of the vault: lower case, '_' for what cannot stand in one.
std::string field_name(std::string_view name);
// A text that a label or login can be: printable, without blanks at its ends. Everything else is
// left out.
std::string printable_text(std::string_view text);
// A user's name as an account's `owner`: where it is too long, its first characters and the user's
// old id, so that two long names that begin alike stay two.
std::string owner_of(const std::string& user);

}  // namespace bullpen::moving
