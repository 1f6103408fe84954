#include "ipc/allow_list.hpp"

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/base/ids.hpp"
#include "ipc/key_pair.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::string_view k_blanks = " \t\r";

std::string_view next_word(std::string_view* line) {
    const auto begin = std::min(line->find_first_not_of(k_blanks), line->size());
    const auto end = std::min(line->find_first_of(k_blanks, begin), line->size());
    const auto found = line->substr(begin, end - begin);
    line->remove_prefix(end);
    return found;
}

Result<void> check(const AllowedClient& client) {
    if (!AccountId::valid(client.name)) {
        return fail(Errc::invalid,
                    "'" + client.name + "' is no name of at most 32 of the characters a-z 0-9 _ -");
    }
    if (!is_public_key(client.key))
        return fail(Errc::invalid, client.name + ": a public key has 64 hexadecimal digits");
    return {};
}

}  // namespace

std::string_view word(Right right) {
    return right == Right::read ? "read" : "operate";
}

Result<Right> right_from(std::string_view text) {
    if (text == "read")
        return Right::read;
    if (text == "operate")
        return Right::operate;
    return fail(Errc::invalid, "a right is 'read' or 'operate', not '" + std::string(text) + "'");
}

Result<AllowList> AllowList::parse(std::string_view text) {
    AllowList list;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto where = [number] { return "line " + std::to_string(number); };
        AllowedClient client;
        client.name = next_word(&line);
        if (client.name.empty() || client.name.front() == '#')
            continue;
        const auto right = right_from(next_word(&line));
        if (!right)
            return fail(right.error().wrap(where()));
        client.right = *right;
        client.key = next_word(&line);
        if (!next_word(&line).empty())
            return fail(Errc::invalid, where() + ": more than a name, a right and a key");
        const bool twice = std::any_of(
            list.clients_.begin(), list.clients_.end(),
            [&](const auto& one) { return one.name == client.name || one.key == client.key; });
        if (twice)
            return fail(Errc::invalid, where() + ": the name or the key is there twice");
        if (auto fits = list.put(std::move(client)); !fits)
            return fail(fits.error().wrap(where()));
    }
    return list;
}

std::string AllowList::text() const {
    std::string out = "# name  right  public key; bullpenctl remote allow and revoke write it\n";
    for (const auto& client : clients_)
        out += client.name + " " + std::string(word(client.right)) + " " + client.key + "\n";
    return out;
}

const AllowedClient* AllowList::find(std::string_view key) const {
    const auto found = std::find_if(clients_.begin(), clients_.end(),
                                    [key](const auto& one) { return one.key == key; });
    return found == clients_.end() ? nullptr : &*found;
}

Result<void> AllowList::put(AllowedClient client) {
    BULLPEN_CHECK(check(client));
    const auto* known = find(client.key);
    if (known != nullptr && known->name != client.name)
        return fail(Errc::invalid, "this key is that of " + known->name + " already");
    remove(client.name);
    if (clients_.size() == k_allowed_max)
        return fail(Errc::exhausted, "at most 256 clients are allowed");
    clients_.push_back(std::move(client));
    return {};
}

bool AllowList::remove(std::string_view name) {
    return std::erase_if(clients_, [name](const auto& one) { return one.name == name; }) != 0;
}

std::string remote_directory(const Home& home) {
    return home.root() + "/remote";
}

std::string allow_list_path(const Home& home) {
    return remote_directory(home) + "/clients";
}

std::string server_key_path(const Home& home) {
    return remote_directory(home) + "/server.key";
}

}  // namespace bullpen::ipc
