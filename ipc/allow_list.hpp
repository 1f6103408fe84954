// Who may speak to a home over TCP: a file of lines `NAME RIGHT KEY`, where blanks divide and a
// line that begins with # is for people. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/home.hpp"
#include "common/base/result.hpp"

namespace bullpen::ipc {

enum class Right : std::uint8_t {
    read,     // looks
    operate,  // gives accounts orders, too
};
std::string_view word(Right right);
Result<Right> right_from(std::string_view text);

struct AllowedClient {
    std::string name;  // [a-z0-9][a-z0-9_-]{0,31}
    Right right = Right::read;
    std::string key;  // public, 64 hexadecimal digits
    friend bool operator==(const AllowedClient&, const AllowedClient&) = default;
};

inline constexpr std::size_t k_allowed_max = 256;
inline constexpr std::size_t k_allow_list_size_max = std::size_t{64} * 1024;

class AllowList {
  public:
    // An error names the line. Two of one name, or of one key, are one: a list of which it is not
    // clear whom it lets in lets in nobody.
    static Result<AllowList> parse(std::string_view text);
    [[nodiscard]] std::string text() const;

    [[nodiscard]] const std::vector<AllowedClient>& clients() const { return clients_; }
    // By public key; null when nobody has it.
    [[nodiscard]] const AllowedClient* find(std::string_view key) const;
    // In the place of one of that name; an error as of parse().
    Result<void> put(AllowedClient client);
    // False when there was none.
    bool remove(std::string_view name);

  private:
    std::vector<AllowedClient> clients_;
};

// Where a home keeps what it needs for TCP: the list, and the key pair of its own.
std::string remote_directory(const Home& home);
std::string allow_list_path(const Home& home);
std::string server_key_path(const Home& home);

}  // namespace bullpen::ipc
