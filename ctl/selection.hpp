// Which accounts an operator means by the words of a command. Pure.
//
//   NAME        the account of that name; else every account of the group of that name
//   GROUP:*     every account of that group (also GROUP:)
//   a*  ?b  [ab]*   every account whose name matches; with a colon, GROUP:NAME by parts
//   all         every account
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bullpen::ctl {

struct Candidate {
    std::string_view account;
    std::string_view group;
};

struct Unmatched {
    std::string pattern;
    std::string nearest;  // the account or group it is most like; empty when none is near
};

struct Selection {
    std::vector<std::size_t> chosen;  // places in the candidates, in their order, each once
    std::vector<bool> named;          // for each chosen: was it written out as an account's name
    std::vector<Unmatched> unmatched;
};

// No patterns select everything.
Selection select(std::span<const Candidate> candidates, std::span<const std::string_view> patterns);

// Shell globs: * ? [abc] [a-z] [!a]. Case counts; '\' takes the next character as it is.
bool glob_matches(std::string_view glob, std::string_view text);

// What to tell of a word that matched nothing.
std::string sentence(const Unmatched& unmatched);

}  // namespace bullpen::ctl
