window.YTD.account.part0 = [
  {
    "account": {
      "createdVia": "web",
      "username": "Carys_Reads",
      "accountId": "2244994945",
      "createdAt": "2011-03-02T10:01:02.000Z",
      "accountDisplayName": "Carys Reads"
    }
  }
]