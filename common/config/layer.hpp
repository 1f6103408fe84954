// What one file says, validated key by key, and how two such layers ([defaults] of bullpen.toml and
// an account's own file) and the built-in defaults make the settings; inside this library only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/document.hpp"
#include "common/config/issue.hpp"
#include "common/config/roster.hpp"
#include "common/config/schema.hpp"

namespace bullpen::config {

inline constexpr std::string_view k_where_secrets_belong =
    "secrets do not belong in settings: credentials are kept encrypted in secrets/ and reach the "
    "worker by themselves; take it out here, and change it if others could read this file";

struct Setting {
    std::uint16_t key = 0;  // index into keys<...>()
    std::string name;       // of a variable: of one of `environment`, or one that sets the key
    Value value;
    int line = 0;
};

struct Layer {
    std::vector<Setting> settings;
    // Of [defaults] alone: [owners], by the owner's name as a part of a TOML path.
    std::map<std::string, Opposite, std::less<>> owners;

    [[nodiscard]] const Setting* find(std::size_t key, std::string_view name = {}) const;
};

// Where a layer is read from.
struct LayerSource {
    std::string file;                  // as issues name it
    std::optional<AccountId> account;  // whose file it is
    // In a version that was applied: a key of another release does not spoil it.
    bool ignore_unknown = false;
};

// Both append to `issues` whatever is wrong, in the order of the text; what is right is in the
// layers even then.
Layer read_account_layer(const Document& document, const LayerSource& source,
                         std::vector<Issue>& issues);
struct DaemonLayers {
    Layer daemon;
    Layer defaults;
};
DaemonLayers read_daemon_layers(const Document& document, const LayerSource& source,
                                std::vector<Issue>& issues);

AccountSettings resolve(const AccountId& account, const Layer& defaults, const Layer& own);
DaemonSettings resolve(const Layer& daemon);

// Rules between keys, on the resolved settings; each issue is put at the last line of `own` that
// plays a part.
void check_together(const AccountSettings& settings, const Layer& own, const LayerSource& source,
                    std::vector<Issue>& issues);
// Those rules that [defaults] must keep by itself.
void check_defaults(const Layer& defaults, const LayerSource& source, std::vector<Issue>& issues);

// How origins name a file: "accounts.d/alpha.toml", and what comes behind the line's number.
struct SourceName {
    std::string file;
    std::string suffix;
};
// Every key with its value and where it came from.
std::vector<Origin> origins(const AccountSettings& settings, const Layer& defaults,
                            const SourceName& defaults_file, const Layer& own,
                            const SourceName& own_file);
std::vector<Origin> origins(const DaemonSettings& settings, const Layer& daemon,
                            const SourceName& file);

}  // namespace bullpen::config
