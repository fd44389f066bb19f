window.YTD.profile.part0 = [
  {
    "profile": {
      "description": {
        "bio": "Public services and allotments. #nobot",
        "website": "https://t.co/u000000001",
        "location": "Cardiff"
      }
    }
  }
]