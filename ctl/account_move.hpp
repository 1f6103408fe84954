// AccountMove: gives what an account has on disk to another name: state, journal, directory,
// secrets, settings file. The caller holds both accounts' locks, so no worker of either can run.
//
// Each step may be done already: a move that was cut short is finished by starting it again. Until
// the last step neither name is in the roster, so nothing can be started half-way.
#pragma once

#include <string>

#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::ctl {

class AccountMove {
  public:
    AccountMove(storage::FileSystem& files, const Home& home, AccountId from, AccountId to);

    // Whether an earlier move between these two names was cut short.
    [[nodiscard]] bool begun() const;
    // Errc::not_found without the old account, Errc::refused when the new name is taken.
    [[nodiscard]] Result<void> possible() const;
    Result<void> run();

  private:
    Result<void> leave_roster();
    Result<void> rewrite_states(const std::string& directory);
    Result<void> rewrite_records(const std::string& directory);
    Result<void> rewrite_journal(const std::string& directory);
    Result<void> move_directory();
    Result<void> move_secrets();
    Result<void> enter_roster();

    storage::FileSystem& files_;
    Home home_;
    AccountId from_;
    AccountId to_;
    AccountPaths old_;
    AccountPaths new_;
    std::string parked_;  // the settings file on its way
    std::string roster_;
    std::string secrets_;
    std::string accounts_;
};

}  // namespace bullpen::ctl
