#include "common/users/numbers.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <functional>
#include <set>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::users {

namespace {

constexpr std::size_t k_size_max = std::size_t{8} << 20U;
constexpr std::string_view k_next = "next";
constexpr mode_t k_mode = 0600;

Unexpected damaged(std::string_view line) {
    return fail(Errc::corrupt, "the line '" + std::string(line.substr(0, 80)) +
                                   "' is none of an account and its number");
}

Result<Numbers> read(const Home& home) {
    const auto text = read_file(home.numbers(), k_size_max);
    if (!text && text.error().code() == std::errc::no_such_file_or_directory)
        return Numbers();
    if (!text)
        return fail(text.error());
    auto numbers = Numbers::parse(*text);
    if (!numbers)
        return fail(numbers.error().wrap(home.numbers() + " is damaged; " +
                                         storage::previous_of(home.numbers()) +
                                         " is the one before it"));
    return numbers;
}

// The highest that a directory of an account has: should the file have been lost, what is in them
// is nobody else's.
std::uint32_t highest_in_use(const Home& home, const NumberRange& range) {
    std::uint32_t highest = 0;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(home.accounts(), error), end;
         !error && entry != end; entry.increment(error)) {
        struct stat facts {};
        if (::lstat(entry->path().c_str(), &facts) == 0 && range.has(facts.st_uid))
            highest = std::max(highest, facts.st_uid - range.first);
    }
    return highest;
}

Result<void> change(const Home& home, int wait, const std::function<void(Numbers&)>& what) {
    BULLPEN_TRY(const Descriptor lock,
                open_file(home.locks() + "/numbers.lock", O_RDWR | O_CREAT | O_NOFOLLOW, k_mode));
    while (::flock(lock.get(), LOCK_EX | wait) != 0) {
        if (errno != EINTR)
            return fail_errno("cannot change " + home.numbers());
    }
    BULLPEN_TRY(auto numbers, read(home));
    const auto before = numbers;
    what(numbers);
    if (numbers == before && has_numbers(home))
        return {};
    storage::SystemFileSystem files;
    return storage::replace_file(files, home.numbers(), numbers.text(),
                                 {.mode = k_mode, .keep_previous = true});
}

Result<uid_t> in_range(const NumberRange& range, std::uint32_t number) {
    if (number < range.count)
        return range.first + number;
    return fail(Errc::exhausted, "user number " + std::to_string(number) + " is not among the " +
                                     std::to_string(range.count) +
                                     " that /etc/subuid has for the home's user");
}

}  // namespace

Result<Numbers> Numbers::parse(std::string_view text) {
    Numbers numbers;
    std::set<std::uint32_t> seen;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto blank = line.find(' ');
        std::uint32_t number = 0;
        const auto digits = blank == std::string_view::npos ? "" : line.substr(blank + 1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() ||
            number == 0)
            return damaged(line);
        const auto name = line.substr(0, blank);
        if (name == k_next) {
            numbers.next_ = std::max(numbers.next_, number);
            continue;
        }
        const auto account = AccountId::parse(std::string(name));
        if (!account || !seen.insert(number).second ||
            !numbers.given_.emplace(*account, number).second)
            return damaged(line);
        numbers.next_ = std::max(numbers.next_, number + 1);
    }
    return numbers;
}

std::string Numbers::text() const {
    std::string text = std::string(k_next) + " " + std::to_string(next_) + "\n";
    for (const auto& [account, number] : given_)
        text += account.str() + " " + std::to_string(number) + "\n";
    return text;
}

std::optional<std::uint32_t> Numbers::of(const AccountId& account) const {
    const auto found = given_.find(account);
    return found == given_.end() ? std::nullopt : std::optional(found->second);
}

std::uint32_t Numbers::give(const AccountId& account, std::uint32_t taken) {
    const auto number = std::max(next_, taken + 1);
    next_ = number + 1;
    given_.insert_or_assign(account, number);
    return number;
}

void Numbers::move(const AccountId& from, const AccountId& to) {
    if (const auto number = of(from)) {
        given_.erase(from);
        given_.insert_or_assign(to, *number);
    }
}

bool has_numbers(const Home& home) {
    return ::access(home.numbers().c_str(), F_OK) == 0;
}

Result<void> begin_numbers(const Home& home) {
    return has_numbers(home) ? Result<void>{} : change(home, LOCK_NB, [](Numbers&) {});
}

Result<uid_t> user_of(const Home& home, const AccountId& account, const NumberRange& range) {
    BULLPEN_TRY(const auto known, read(home));
    if (const auto number = known.of(account))
        return in_range(range, *number);
    std::uint32_t given = 0;
    BULLPEN_CHECK(change(home, LOCK_NB, [&](Numbers& numbers) {
        const auto number = numbers.of(account);
        given = number ? *number : numbers.give(account, highest_in_use(home, range));
    }));
    return in_range(range, given);
}

Result<void> move_number(const Home& home, const AccountId& from, const AccountId& to) {
    if (!has_numbers(home))
        return {};
    return change(home, 0, [&](Numbers& numbers) { numbers.move(from, to); });
}

Result<void> drop_number(const Home& home, const AccountId& account) {
    if (!has_numbers(home))
        return {};
    return change(home, 0, [&](Numbers& numbers) { numbers.drop(account); });
}

}  // namespace bullpen::users
