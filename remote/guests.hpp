// Guests: the home's list of who may come in, as it is now. The file is looked at before each use,
// so that a key that was taken off it counts for nothing from that moment on; a list that cannot be
// read lets in nobody. One thread.
#pragma once

#include <string>

#include "common/base/home.hpp"
#include "common/log/logger.hpp"
#include "ipc/allow_list.hpp"

namespace bullpen::remote {

class Guests {
  public:
    Guests(const Home& home, log::Logger& log);

    // Null for who is not on the list. Until the next call.
    const ipc::AllowedClient* find(const std::string& key);
    [[nodiscard]] std::size_t count() const { return list_.clients().size(); }
    // Why nobody is let in; empty otherwise.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    void look();

    std::string path_;
    log::Logger& log_;
    std::string stamp_;
    ipc::AllowList list_;
    std::string trouble_;
};

}  // namespace bullpen::remote
