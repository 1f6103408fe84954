// What of an old bot's files is a secret: by what it is called, by what it looks like, and by being
// a value that the bot's settings call one. Pure; what is given may be anything.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/secret.hpp"
#include "moving/plan.hpp"

namespace bullpen::moving {

// What stands in a copy in the place of a secret: where the real one is.
inline constexpr std::string_view k_elsewhere = "in_the_environment";

// What is shown of one.
inline constexpr std::string_view k_not_shown = "(not shown: it looks like a credential)";

// Whether something of this name is a secret: a password, a token, a key, a licence, a PIN, the
// address of a webhook.
bool is_secret_name(std::string_view name);
// Whether a value is one by what it looks like, whatever it is called: a password in an address, a
// webhook, a token or seed of a known form, a long text of letters and digits mixed.
bool is_secret_value(std::string_view value);
// Whether a member is one, by either. What is only true or false is none, and a name or an id is
// none for being long.
bool is_secret_member(std::string_view name, std::string_view value);

// The secrets that the settings of an old bot have, of all its users, to be looked for elsewhere.
class KnownSecrets {
  public:
    // One too short, or too plain, to be told from a word of any text is not looked for.
    void add(std::string_view value);
    [[nodiscard]] bool in(std::string_view text) const;
    // Every one of them as k_elsewhere.
    [[nodiscard]] std::string taken_out(std::string_view text) const;
    [[nodiscard]] std::size_t longest() const { return longest_; }
    [[nodiscard]] bool empty() const { return values_.empty(); }

  private:
    [[nodiscard]] std::size_t length_at(std::string_view text, std::size_t at) const;
    void keep(std::string value);

    std::vector<Secret> values_;
    std::bitset<65536> beginnings_;  // by the first two bytes, so that one pass is enough
    std::size_t longest_ = 0;
};
KnownSecrets known_secrets(std::span<const OldFile> files);

// How a text is written, which says what in it is a value.
enum class TextKind : std::uint8_t {
    settings,  // name and value, in any of the ways that settings are written
    source,    // a program, or a text for people: only what stands in quotes is a value
    record     // anything else
};
// What in the text is a credential, for people and without its value: "api_key in line 3". Empty:
// nothing that could be told.
std::string credentials_in(std::string_view text, TextKind kind, const KnownSecrets& known);

}  // namespace bullpen::moving
